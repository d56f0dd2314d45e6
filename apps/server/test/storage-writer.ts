import { createLog } from '../src/log.ts';
import { openStorage } from '../src/storage/open-storage.ts';

/** A program that writes settings and events until it is killed, and says what it was told is written. */
const storage = await openStorage(process.argv[2]!, createLog('silent'));
const retention = { maxRows: 100_000, maxAgeMs: 1e12 };
const at = Date.now();

const saveSettings = async (): Promise<void> => {
  for (let number = Number(process.argv[3]); ; number++) {
    await storage.saveDocuments({ settings: { one: number, other: number }, beside: { number } });
    process.stdout.write(`settings ${number}\n`);
  }
};

const appendEvents = async (): Promise<void> => {
  for (let id = storage.lastEventId; ; ) {
    const batch = Array.from({ length: 50 }, (_, index) => ({
      id: id + index + 1,
      at,
      type: 'system' as const,
      category: 'test',
      message: 'x'.repeat(200),
      details: {},
      containerId: null,
      streamId: null,
    }));
    id = await storage.appendEvents(batch, retention);
    process.stdout.write(`events ${id}\n`);
  }
};

await Promise.all([saveSettings(), appendEvents()]);
