import { type SimulatorProcess, spawnSimulator } from '@acestream-orchestrator/engine-simulator/testing';
import { httpSource, type OpenSource, SourceError } from '@acestream-orchestrator/mpegts-proxy';

const ARGS = ['--start-delay-ms', '50', '--burst-ms', '8000', '--lag-ms', '500'];

/** Two engines of one swarm, each a process of its own, of which one at a time is killed and started again. */
export class Engines implements AsyncDisposable {
  readonly #engines: SimulatorProcess[] = [];
  #next = 0;
  kills = 0;

  async start(): Promise<void> {
    for (let index = 0; index < 2; index++) this.#engines.push(await spawnSimulator({ args: ARGS }));
  }

  /** The proxy's opener: an engine that did not fail last, else any that answers. */
  readonly open: OpenSource = async (id, { signal, failed, beside }) => {
    const avoid = beside?.id ?? failed.at(-1)?.id;
    const order = [0, 1].sort((a, b) => Number(`${a}` === avoid) - Number(`${b}` === avoid));
    let cause: unknown;
    for (const index of order) {
      if (`${index}` === beside?.id) await beside.release();
      try {
        const pid = Math.random().toString(16).slice(2);
        const url = `${this.#engines[index]!.url}/ace/getstream?id=${id}&format=json&pid=${pid}`;
        const answer = (await (await fetch(url, { signal })).json()) as { response: Record<string, string> };
        const { playback_url: playbackUrl = '', command_url: commandUrl = '' } = answer.response;
        const source = await httpSource(playbackUrl, { signal, id: `${index}` });
        const close = async (): Promise<void> => {
          // An engine that was killed takes no stop.
          const stop = fetch(`${commandUrl}?method=stop`, { signal: AbortSignal.timeout(2_000) });
          await stop.then((stopped) => stopped.text()).catch(() => {});
        };
        return { ...source, close };
      } catch (error) {
        signal.throwIfAborted();
        cause = error;
      }
    }
    throw new SourceError('refused', 'unreachable', 'no engine answers', { cause });
  };

  /** Kills one engine, the other the next time, and starts it again without any memory. */
  async killOne(): Promise<void> {
    const index = this.#next;
    this.#next = 1 - index;
    const victim = this.#engines[index]!;
    victim.kill('SIGKILL');
    await victim.exited;
    this.kills++;
    this.#engines[index] = await spawnSimulator({ args: ARGS });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine[Symbol.asyncDispose]()));
  }
}
