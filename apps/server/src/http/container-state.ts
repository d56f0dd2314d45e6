import { z } from 'zod';

/** A container as the API shows it; field names as in the 1.5 release. */
export const containerStateSchema = z.object({
  container_id: z.string(),
  container_name: z.string(),
  image: z.string(),
  status: z.string().describe('created, running, paused, restarting, removing, exited or dead'),
  labels: z.record(z.string(), z.string()),
  created: z.iso.datetime().nullable(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
  exit_code: z.number().int().nullable(),
  out_of_memory: z.boolean(),
  network_mode: z.string(),
  networks: z.record(z.string(), z.string()).describe('Its address on each network'),
  ports: z.record(z.string(), z.array(z.string())).describe('Where each of its ports is published'),
  command: z.array(z.string()),
  memory_limit: z.number().int().nullable().describe('Bytes'),
  cpus: z.number().nullable(),
});

export type ContainerState = z.infer<typeof containerStateSchema>;

/** What is read of Docker's answer; Podman leaves some of it out. */
const inspectedSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string().optional(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean().optional(),
    StartedAt: z.string().optional(),
    FinishedAt: z.string().optional(),
    ExitCode: z.number().optional(),
    OOMKilled: z.boolean().optional(),
  }),
  Config: z.object({
    Image: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
  }),
  HostConfig: z
    .object({ NetworkMode: z.string().optional(), Memory: z.number().optional(), NanoCpus: z.number().optional() })
    .optional(),
  NetworkSettings: z
    .object({
      Networks: z.record(z.string(), z.object({ IPAddress: z.string().optional() })).nullish(),
      Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
    })
    .optional(),
});

/** Docker's description of a container, without its environment, which may have secrets in it. */
export function containerState(info: Readonly<Record<string, unknown>>): ContainerState {
  const { Id, Name, Created, State, Config, HostConfig, NetworkSettings } = inspectedSchema.parse(info);
  const networks = Object.entries(NetworkSettings?.Networks ?? {});
  const ports = Object.entries(NetworkSettings?.Ports ?? {});
  return {
    container_id: Id,
    container_name: Name.replace(/^\//, ''),
    image: Config.Image,
    status: State.Status,
    labels: Config.Labels ?? {},
    created: isoOrNull(Created),
    started_at: isoOrNull(State.StartedAt),
    finished_at: State.Running === true ? null : isoOrNull(State.FinishedAt),
    exit_code: State.Running === true ? null : (State.ExitCode ?? null),
    out_of_memory: State.OOMKilled ?? false,
    network_mode: HostConfig?.NetworkMode ?? '',
    networks: Object.fromEntries(networks.map(([name, { IPAddress }]) => [name, IPAddress ?? ''])),
    ports: Object.fromEntries(
      ports.map(([port, bindings]) => [port, (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`)]),
    ),
    command: Config.Cmd ?? [],
    memory_limit: HostConfig?.Memory || null,
    cpus: HostConfig?.NanoCpus ? HostConfig.NanoCpus / 1e9 : null,
  };
}

/** Docker writes the year 1 for a time that never was. */
function isoOrNull(time: string | undefined): string | null {
  const at = Date.parse(time ?? '');
  return at > 0 ? new Date(at).toISOString() : null;
}
