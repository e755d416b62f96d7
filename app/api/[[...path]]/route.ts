import { notThere } from "@/lib/http/methods";

export const GET = notThere;
export const POST = notThere;
export const PUT = notThere;
export const PATCH = notThere;
export const DELETE = notThere;
