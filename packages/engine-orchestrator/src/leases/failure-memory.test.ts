import { describe, expect, it } from 'vitest';
import { FailureMemory } from './failure-memory.ts';

describe('FailureMemory', () => {
  it('counts the failures of an engine until each is forgotten', () => {
    const memory = new FailureMemory(100);
    memory.engineFailed('a', 0);
    memory.engineFailed('a', 50);
    expect(memory.engineFailures('a', 99)).toBe(2);
    expect(memory.engineFailures('a', 100)).toBe(1);
    expect(memory.engineFailures('a', 150)).toBe(0);
    expect(memory.engineFailures('b', 50)).toBe(0);
  });

  it('knows under each of its names where a content failed, until that is forgotten', () => {
    const memory = new FailureMemory(100);
    memory.contentFailed('a', ['content_id:x', 'y'], 0);
    expect(memory.hasContentFailed('a', ['other', 'y'], 99)).toBe(true);
    expect(memory.hasContentFailed('a', ['content_id:x'], 99)).toBe(true);
    expect(memory.hasContentFailed('b', ['content_id:x', 'y'], 99)).toBe(false);
    expect(memory.hasContentFailed('a', ['content_id:x', 'y'], 100)).toBe(false);
  });

  it('remembers a content that fails again for the whole time again', () => {
    const memory = new FailureMemory(100);
    memory.contentFailed('a', ['x'], 0);
    memory.contentFailed('a', ['x'], 80);
    memory.contentFailed('a', ['z'], 120);
    expect(memory.hasContentFailed('a', ['x'], 150)).toBe(true);
  });
});
