# The portal. It needs DATABASE_URL and a volume at /data; simulations run inside this container,
# with Debian's SUMO. Build: docker build -t sumo-k8 .
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && cp -rL dist/current /portal

FROM node:24-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends sumo \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node /data
WORKDIR /portal
COPY --from=build /portal ./
USER node
ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT=3000 SUMO_K8_DATA_DIR=/data
EXPOSE 3000
VOLUME /data
CMD ["node", "server.js"]
