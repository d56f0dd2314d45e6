import { expect, it } from 'vitest';
import { DockerError } from './docker-error.ts';
import { PullMeter } from './pull-progress.ts';

it('adds up layers and bytes', () => {
  const meter = new PullMeter('some/image:1');
  const add = (status: string, id?: string, progressDetail?: object): void => meter.add({ status, id, progressDetail });
  add('Pulling from some/image', '1');
  add('Already exists', 'a');
  add('Pulling fs layer', 'b', {});
  add('Pulling fs layer', 'c', {});
  add('Downloading', 'b', { current: 10, total: 100 });
  expect(meter.progress('pulling')).toEqual({
    image: 'some/image:1',
    status: 'pulling',
    layers: 3,
    layersDone: 1,
    bytes: 10,
    totalBytes: 100,
  });
  add('Downloading', 'c', { current: 5, total: 50 });
  add('Download complete', 'b');
  add('Extracting', 'b', { current: 1, total: 999 });
  add('Pull complete', 'b');
  add('Status: Downloaded newer image for some/image:1');
  expect(meter.progress('pulling')).toMatchObject({ layers: 3, layersDone: 2, bytes: 105, totalBytes: 150 });
});

it('keeps the error that a pull ends with', () => {
  const meter = new PullMeter('some/image:1');
  meter.add({ errorDetail: { message: 'manifest unknown' }, error: 'manifest unknown' });
  expect(meter.error).toBe('manifest unknown');
  const failure = new DockerError('image_missing', 'manifest unknown');
  const told = { status: 'failed', error: 'manifest unknown', code: 'image_missing', layers: 0 };
  expect(meter.progress('failed', failure)).toMatchObject(told);
});

it('a pull that is done has all its layers, also where nobody says so of each', () => {
  const meter = new PullMeter('some/image:1');
  meter.add({ status: 'Download complete', id: 'a' });
  expect(meter.progress('pulling')).toMatchObject({ layers: 1, layersDone: 0 });
  expect(meter.progress('done')).toMatchObject({ layers: 1, layersDone: 1 });
});
