import { Child } from './child.ts';

/** The source of a measurement: native/source.c, running. */
export interface LiveSource extends AsyncDisposable {
  readonly port: number;
  /** CLOCK_MONOTONIC of the ends of its connections so far, microseconds, oldest first. */
  closedAtUs(): number[];
}

export interface LiveSourceOptions {
  readonly program: string;
  readonly bitsPerSecond: number;
  readonly unpaced: boolean;
}

export async function startLiveSource(options: LiveSourceOptions): Promise<LiveSource> {
  const child = new Child('source', options.program, [
    ...['--bits-per-second', `${options.bitsPerSecond}`, '--unpaced', options.unpaced ? '1' : '0'],
  ]);
  const { port } = await child.saying('port', 5_000);
  return {
    port: port as number,
    closedAtUs: () => child.said.filter((said) => 'closed' in said).map((said) => said['atUs'] as number),
    [Symbol.asyncDispose]: () => child.end(),
  };
}
