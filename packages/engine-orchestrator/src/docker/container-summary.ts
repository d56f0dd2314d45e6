import type Docker from 'dockerode';

/** A container of this instance, in short. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export function summarise({ Id, Names, Image, State, Labels, Created }: Docker.ContainerInfo): ContainerSummary {
  return {
    id: Id,
    name: (Names[0] ?? Id).replace(/^\//, ''),
    image: Image,
    state: State,
    labels: Labels,
    createdAt: Created * 1000,
  };
}
