import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PortLedger } from './port-ledger.ts';

const any = (): boolean => true;

it('never gives a port to two, and forgets none, whatever happens in which order', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('reserve' as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ do: fc.constantFrom('bind' as const, 'release' as const, 'remove' as const), pick: fc.nat(20) }),
    fc.record({ do: fc.constant('list' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ledger = new PortLedger({ from: 100, to: 115 });
      const open: { ports: number[]; reservation: ReturnType<PortLedger['reserve']> }[] = [];
      const containers = new Map<string, number[]>();
      let made = 0;
      for (const each of steps) {
        if (each.do === 'reserve') {
          const reservation = ledger.reserve();
          const ports: number[] = [];
          for (let index = 0; index < each.count; index++) {
            const port = reservation.take(0, any);
            if (port !== undefined) ports.push(port);
          }
          open.push({ ports, reservation });
        } else if (each.do === 'list') {
          ledger.sync(ledger.beginListing(), containers);
        } else if (each.do === 'remove') {
          const id = [...containers.keys()][each.pick];
          if (id !== undefined && containers.delete(id)) ledger.releaseContainer(id);
        } else {
          const [one] = open.splice(each.pick, 1);
          if (one === undefined) continue;
          if (each.do === 'release') one.reservation.release();
          else {
            const id = `container ${++made}`;
            one.reservation.bind(id);
            containers.set(id, one.ports);
          }
        }
        const held = [...open.flatMap(({ ports }) => ports), ...[...containers.values()].flat()];
        expect(new Set(held).size).toBe(held.length);
        expect(ledger.taken()).toEqual(new Set(held));
      }
    }),
  );
});

it('takes over what a listing says, and frees what is gone', () => {
  const ledger = new PortLedger({ from: 100, to: 101 });
  ledger.sync(ledger.beginListing(), new Map([['adopted', [100]]]));
  const reservation = ledger.reserve();
  expect(reservation.take(0, any)).toBe(101);
  expect(reservation.take(0, any)).toBeUndefined();
  ledger.sync(ledger.beginListing(), new Map());
  expect(reservation.take(0, any)).toBe(100);
});

it('keeps the ports of a container that was made while the listing was on its way', () => {
  const ledger = new PortLedger({ from: 100, to: 100 });
  const turn = ledger.beginListing();
  const reservation = ledger.reserve();
  reservation.take(0, any);
  reservation.bind('young');
  ledger.sync(turn, new Map());
  expect(ledger.taken()).toEqual(new Set([100]));
  ledger.sync(ledger.beginListing(), new Map());
  expect(ledger.taken()).toEqual(new Set());
});

it('tries a port of another program again after a while', () => {
  const ledger = new PortLedger({ from: 100, to: 101 });
  ledger.avoid(100, 50);
  expect(ledger.reserve().take(49, any)).toBe(101);
  expect(ledger.reserve().take(50, any)).toBe(100);
});

it.each([
  { from: 0, to: 10 },
  { from: 10, to: 9 },
  { from: 1, to: 65_536 },
])('refuses the range $from-$to', (range) => {
  expect(() => new PortLedger(range)).toThrow(RangeError);
});
