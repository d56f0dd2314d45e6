# The server with the panel, for any Docker host: docker build -t acestream-orchestrator .
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN npx -y pnpm@12 install --frozen-lockfile \
 && npx -y pnpm@12 exec turbo run build --filter=@acestream-orchestrator/server \
 && npx -y pnpm@12 --filter @acestream-orchestrator/server deploy --prod --legacy /app

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data \
 && chown node:node /data
COPY --from=build /app /app
ENV NODE_ENV=production DATA_DIR=/data
VOLUME /data
EXPOSE 8000
USER node
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--", "node", "/app/dist/main.js"]
