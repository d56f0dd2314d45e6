import { describe, expect, it } from 'vitest';
import { FailureMemory } from './failure-memory.ts';

describe('FailureMemory', () => {
  it('counts the failures of an engine until each is forgotten', () => {
    const memory = new FailureMemory(100);
    memory.failed('a', ['x'], 'engine-bad', 0);
    memory.failed('a', ['x'], 'engine-bad', 50);
    expect(memory.engineFailures('a', 99)).toBe(2);
    expect(memory.engineFailures('a', 100)).toBe(1);
    expect(memory.engineFailures('a', 150)).toBe(0);
    expect(memory.engineFailures('b', 50)).toBe(0);
  });

  it('knows under each of its names where a content failed, until that is forgotten', () => {
    const memory = new FailureMemory(100);
    memory.failed('a', ['content_id:x', 'y'], 'content-bad', 0);
    expect(memory.hasContentFailed('a', ['other', 'y'], 99)).toBe(true);
    expect(memory.hasContentFailed('a', ['content_id:x'], 99)).toBe(true);
    expect(memory.hasContentFailed('b', ['content_id:x', 'y'], 99)).toBe(false);
    expect(memory.hasContentFailed('a', ['content_id:x', 'y'], 100)).toBe(false);
  });

  it('remembers a content that fails again for the whole time again', () => {
    const memory = new FailureMemory(100);
    memory.failed('a', ['x'], 'content-bad', 0);
    memory.failed('a', ['x'], 'content-bad', 80);
    memory.failed('a', ['z'], 'content-bad', 120);
    expect(memory.hasContentFailed('a', ['x'], 150)).toBe(true);
  });

  it('holds a content that failed on two engines against neither of them', () => {
    const memory = new FailureMemory(100);
    memory.failed('a', ['x'], 'engine-bad', 0);
    expect(memory.engineFailures('a', 1)).toBe(1);
    memory.failed('b', ['x', 'infohash'], 'engine-bad', 1);
    expect(memory.engineFailures('a', 2)).toBe(0);
    expect(memory.engineFailures('b', 2)).toBe(0);
  });

  it('blames an engine on which three contents failed that failed nowhere else', () => {
    const memory = new FailureMemory(100);
    for (const name of ['x', 'y', 'x']) memory.failed('a', [name], 'content-bad', 0);
    expect(memory.engineFailures('a', 1)).toBe(0);
    memory.failed('a', ['z'], 'content-dead', 1);
    expect(memory.engineFailures('a', 2)).toBe(3);
    memory.failed('b', ['z'], 'content-bad', 2);
    expect(memory.engineFailures('a', 3)).toBe(0);
  });

  it('knows which engines called a content dead', () => {
    const memory = new FailureMemory(100);
    memory.failed('a', ['x', 'i'], 'content-dead', 0);
    memory.failed('a', ['i'], 'content-dead', 0);
    memory.failed('b', ['x'], 'content-bad', 0);
    memory.failed('c', ['i'], 'content-dead', 10);
    expect(memory.deadOn(['i'], 20)).toEqual(['a', 'c']);
    expect(memory.deadOn(['x'], 20)).toEqual(['a']);
    expect(memory.deadOn(['i'], 100)).toEqual(['c']);
  });
});
