import type { ContainerSpec, PortNumbers } from '../docker/container-spec.ts';
import { type AceFlag, acePorts, cacheFlags, formatFlags, portFlags } from './ace-flags.ts';
import { type CustomParameter, type CustomVariant, parameterFault, parseBytes } from './custom-variant.ts';

/** The containers of an image of one's own. Throws a TypeError for a parameter that can never work. */
export function customContainer(variant: CustomVariant, common: Partial<ContainerSpec>): ContainerSpec {
  const { image, platform, command = [], env = {}, parameters = [] } = variant;
  for (const parameter of parameters) {
    const fault = parameterFault(parameter);
    if (fault !== undefined) throw new TypeError(`The parameter ${parameter.name} ${fault}`);
  }
  const own = parameters.filter(({ enabled = true }) => enabled).flatMap(parameterFlag);
  const named = new Set(own.map(([name]) => name));
  // What is set by hand counts, except for the ports, which are not free to choose.
  const flags = (ports: PortNumbers): readonly AceFlag[] => [
    ...portFlags(ports),
    ...cacheFlags(common.cache).filter(([name]) => !named.has(name)),
    ...own.filter(([name]) => !portFlags(ports).some(([each]) => each === name)),
  ];
  const isTemplate = [...command, ...Object.values(env)].some((text) => placeholder.test(text));
  return {
    ...common,
    image,
    variant: 'custom',
    ports: acePorts,
    ...(platform === undefined ? {} : { platform }),
    env: (ports) =>
      Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text, ports, flags(ports))])),
    ...(isTemplate && command.length === 0 ? {} : { command: commandOf(command, isTemplate, flags) }),
  };
}

const placeholder = /\{(http_port|https_port|api_port|p2p_port|flags|conf)\}/;

function commandOf(
  command: readonly string[],
  isTemplate: boolean,
  flags: (ports: PortNumbers) => readonly AceFlag[],
): (ports: PortNumbers) => readonly string[] {
  return (ports) => {
    if (!isTemplate) return [...command, ...flags(ports).flat()];
    // `{flags}` alone becomes as many arguments as there are.
    return command.flatMap((part) => (part === '{flags}' ? flags(ports).flat() : [fill(part, ports, flags(ports))]));
  };
}

function fill(text: string, ports: PortNumbers, flags: readonly AceFlag[]): string {
  return text.replaceAll(new RegExp(placeholder, 'g'), (_whole, name: string) => {
    switch (name) {
      case 'flags':
        return formatFlags(flags, 'ACESTREAM_ARGS');
      case 'conf':
        return formatFlags(flags, 'CONF');
      default:
        return `${ports[name.replace('_port', '')]}`;
    }
  });
}

function parameterFlag({ name, type, value }: CustomParameter): AceFlag[] {
  if (type === 'flag') return value === true || value === 'true' || value === '' ? [[name]] : [];
  return [[name, type === 'bytes' ? `${parseBytes(String(value))}` : String(value)]];
}
