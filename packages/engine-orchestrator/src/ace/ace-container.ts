import type { ContainerCache, ContainerSpec, ContainerSpecOf, PortNumbers } from '../docker/container-spec.ts';
import { type AceFlag, acePorts, cacheFlags, formatFlags, portFlags } from './ace-flags.ts';
import { type AceVariantName, aceVariants, variantFor } from './ace-variants.ts';
import { customContainer } from './custom-container.ts';
import type { CustomVariant } from './custom-variant.ts';

export interface AceContainerOptions {
  /** One of {@link aceVariants}, or an image of one's own. Default: what fits the daemon's processor. */
  readonly variant?: AceVariantName | CustomVariant;
  /** Instead of the variant's image: a mirror, or another version of it. */
  readonly image?: string;
  readonly memoryBytes?: number;
  /** Processors, in cores. */
  readonly cpus?: number;
  /** Default: the engine's own memory. */
  readonly cache?: ContainerCache;
  /** Added to the engine's flags. */
  readonly flags?: readonly AceFlag[];
}

/** Containers with AceStream engines in them, for `dockerRuntime`. */
export function aceContainer(options: AceContainerOptions = {}): ContainerSpecOf {
  const { variant } = options;
  if (typeof variant === 'object') return customContainer(variant, common(options));
  return ({ architecture }) => {
    const name = variant ?? variantFor(architecture);
    const { image, platform, flags: style, program = [], env } = aceVariants[name];
    const flags = (ports: PortNumbers): readonly AceFlag[] => [
      ...portFlags(ports),
      ...cacheFlags(options.cache),
      ...(options.flags ?? []),
    ];
    return {
      ...common(options),
      image: options.image ?? image,
      variant: name,
      ports: acePorts,
      ...(platform === undefined ? {} : { platform }),
      ...(style === 'command'
        ? { command: (ports) => [...program, ...flags(ports).flat()] }
        : { env: (ports) => ({ ...env, [style]: formatFlags(flags(ports), style) }) }),
    };
  };
}

function common({ memoryBytes, cpus, cache }: AceContainerOptions): Partial<ContainerSpec> {
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(cache === undefined ? {} : { cache }),
  };
}
