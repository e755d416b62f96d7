CREATE TABLE "activity" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "activity_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"tenant_id" text,
	"job_id" uuid,
	"attempt" integer,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"state" text,
	"reason" text,
	"message" text,
	"data" jsonb
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"job_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"phase" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"simulating_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"stop_requested_at" timestamp (3) with time zone,
	"last_report_at" timestamp (3) with time zone,
	"report_seq" bigint DEFAULT 0 NOT NULL,
	"first_line" bigint NOT NULL,
	"line_count" bigint DEFAULT 0 NOT NULL,
	"sumo_version" text,
	"command" jsonb,
	"outcome" jsonb,
	"manifest_complete" boolean DEFAULT false NOT NULL,
	"log_index" jsonb,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "attempts_job_id_number_pk" PRIMARY KEY("job_id","number")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"tenant_id" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "blobs_tenant_id_sha256_pk" PRIMARY KEY("tenant_id","sha256")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"tenant_id" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"job_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "job_labels" (
	"tenant_id" text NOT NULL,
	"job_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "job_labels_job_id_key_pk" PRIMARY KEY("job_id","key")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"scenario_id" uuid NOT NULL,
	"name" text NOT NULL,
	"name_lower" text GENERATED ALWAYS AS (lower(name)) STORED NOT NULL,
	"submitted_by" text NOT NULL,
	"config_file" text NOT NULL,
	"cpu" integer NOT NULL,
	"memory_mib" integer NOT NULL,
	"time_limit_seconds" integer NOT NULL,
	"priority" smallint DEFAULT 0 NOT NULL,
	"seed" integer NOT NULL,
	"begin_seconds" double precision,
	"end_seconds" double precision,
	"step_length_seconds" double precision,
	"scale" double precision,
	"sumo_options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"inputs" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"state" text DEFAULT 'QUEUED' NOT NULL,
	"reason" text,
	"message" text,
	"attempt" integer DEFAULT 0 NOT NULL,
	"cancel_requested_at" timestamp (3) with time zone,
	"submitted_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"progress" jsonb,
	"kpis" jsonb,
	"log_lines" bigint DEFAULT 0 NOT NULL,
	"stored_bytes" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"epoch" bigint NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_chunks" (
	"job_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"first_line" bigint NOT NULL,
	"line_count" integer NOT NULL,
	"warnings" integer NOT NULL,
	"errors" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"lines" "bytea" NOT NULL,
	CONSTRAINT "log_chunks_job_id_attempt_first_line_pk" PRIMARY KEY("job_id","attempt","first_line")
);
--> statement-breakpoint
CREATE TABLE "progress_points" (
	"job_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"progress" jsonb NOT NULL,
	CONSTRAINT "progress_points_job_id_attempt_seq_pk" PRIMARY KEY("job_id","attempt","seq")
);
--> statement-breakpoint
CREATE TABLE "result_files" (
	"job_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"path" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "result_files_job_id_attempt_path_pk" PRIMARY KEY("job_id","attempt","path")
);
--> statement-breakpoint
CREATE TABLE "scenario_files" (
	"scenario_id" uuid NOT NULL,
	"tenant_id" text NOT NULL,
	"path" text NOT NULL,
	"sha256" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "scenario_files_scenario_id_path_pk" PRIMARY KEY("scenario_id","path")
);
--> statement-breakpoint
CREATE TABLE "scenarios" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"archive_sha256" text NOT NULL,
	"archive_bytes" bigint NOT NULL,
	"file_name" text NOT NULL,
	"file_count" integer NOT NULL,
	"unpacked_bytes" bigint NOT NULL,
	"configs" jsonb NOT NULL,
	"findings" jsonb NOT NULL,
	"kept" boolean NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"namespace" text NOT NULL,
	"max_cpu" integer NOT NULL,
	"max_memory_mib" integer NOT NULL,
	"max_concurrent_jobs" integer NOT NULL,
	"max_queued_jobs" integer NOT NULL,
	"max_storage_mib" integer NOT NULL,
	"max_run_seconds" integer NOT NULL,
	"retention_days" integer NOT NULL,
	"stored_bytes" bigint DEFAULT 0 NOT NULL,
	"queued_jobs" integer DEFAULT 0 NOT NULL,
	"suspended_at" timestamp (3) with time zone,
	"last_admitted_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_namespace_unique" UNIQUE("namespace")
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"file_name" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text,
	"scenario_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"touched_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blobs" ADD CONSTRAINT "blobs_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_labels" ADD CONSTRAINT "job_labels_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_scenario_id_scenarios_id_fk" FOREIGN KEY ("scenario_id") REFERENCES "public"."scenarios"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "log_chunks" ADD CONSTRAINT "log_chunks_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "progress_points" ADD CONSTRAINT "progress_points_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "result_files" ADD CONSTRAINT "result_files_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scenario_files" ADD CONSTRAINT "scenario_files_scenario_id_scenarios_id_fk" FOREIGN KEY ("scenario_id") REFERENCES "public"."scenarios"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scenarios" ADD CONSTRAINT "scenarios_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_job_id_id_index" ON "activity" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "activity_tenant_id_id_index" ON "activity" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "activity_at_index" ON "activity" USING btree ("at");--> statement-breakpoint
CREATE INDEX "api_keys_tenant_id_index" ON "api_keys" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "attempts_present_index" ON "attempts" USING btree ("job_id") WHERE "attempts"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_index" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_job_id_index" ON "idempotency_keys" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "job_labels_tenant_id_key_value_job_id_index" ON "job_labels" USING btree ("tenant_id","key","value","job_id");--> statement-breakpoint
CREATE INDEX "job_labels_tenant_id_key_job_id_index" ON "job_labels" USING btree ("tenant_id","key","job_id");--> statement-breakpoint
CREATE INDEX "jobs_list_index" ON "jobs" USING btree ("tenant_id","id","name_lower");--> statement-breakpoint
CREATE INDEX "jobs_tenant_id_state_id_name_lower_index" ON "jobs" USING btree ("tenant_id","state","id","name_lower");--> statement-breakpoint
CREATE INDEX "jobs_state_id_index" ON "jobs" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "jobs_scenario_id_index" ON "jobs" USING btree ("scenario_id");--> statement-breakpoint
CREATE INDEX "jobs_open_index" ON "jobs" USING btree ("tenant_id","priority" DESC NULLS FIRST,"id") WHERE "jobs"."state" in ('QUEUED', 'PENDING', 'RUNNING');--> statement-breakpoint
CREATE INDEX "jobs_finished_at_index" ON "jobs" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "scenario_files_tenant_id_sha256_index" ON "scenario_files" USING btree ("tenant_id","sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "scenarios_tenant_id_archive_sha256_index" ON "scenarios" USING btree ("tenant_id","archive_sha256");--> statement-breakpoint
CREATE INDEX "scenarios_tenant_id_id_index" ON "scenarios" USING btree ("tenant_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "uploads_tenant_id_index" ON "uploads" USING btree ("tenant_id");--> statement-breakpoint
CREATE INDEX "uploads_touched_at_index" ON "uploads" USING btree ("touched_at");