import { describe, expect, it } from 'vitest';
import { createRealClock, createVirtualClock, defaultStart } from '../../src/emulators/clock.ts';
import { createRateWindow } from '../../src/emulators/rate-window.ts';

describe('a virtual clock', () => {
  it('stands still between readings', () => {
    const clock = createVirtualClock();
    expect(clock.now()).toEqual(new Date(defaultStart));
    expect(clock.now()).toEqual(new Date(defaultStart));
  });

  it('starts where it is told to', () => {
    expect(createVirtualClock(new Date('2024-02-29T12:00:00Z')).now().toISOString()).toBe('2024-02-29T12:00:00.000Z');
  });

  it('gives every tick a later millisecond', () => {
    const clock = createVirtualClock();
    const ticks = [clock.tick(), clock.tick(), clock.tick()].map(Number);
    expect(ticks).toEqual([defaultStart, defaultStart + 1, defaultStart + 2]);
    expect(Number(clock.now())).toBe(defaultStart + 2);
  });

  it('runs what falls due in order of time, and what is scheduled on the way', async () => {
    const clock = createVirtualClock();
    const ran: string[] = [];
    clock.schedule(20, () => void ran.push(`second at ${Number(clock.now()) - defaultStart}`));
    clock.schedule(10, () => {
      ran.push(`first at ${Number(clock.now()) - defaultStart}`);
      clock.schedule(5, () => void ran.push(`between at ${Number(clock.now()) - defaultStart}`));
    });
    clock.schedule(31, () => void ran.push('too early'));
    await clock.advance(30);
    expect(ran).toEqual(['first at 10', 'between at 15', 'second at 20']);
    expect(Number(clock.now())).toBe(defaultStart + 30);
  });

  it('waits for a task that takes its time', async () => {
    const clock = createVirtualClock();
    let done = false;
    clock.schedule(1, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    });
    await clock.advance(1);
    expect(done).toBe(true);
  });

  it('does not run what was called off', async () => {
    const clock = createVirtualClock();
    let ran = false;
    const callOff = clock.schedule(1, () => {
      ran = true;
    });
    callOff();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  it('ends a sleep when time has passed, or with the reason of its signal', async () => {
    const clock = createVirtualClock();
    const slept = clock.sleep(10);
    const controller = new AbortController();
    const aborted = clock.sleep(10, controller.signal);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('enough');
    await clock.advance(10);
    await expect(slept).resolves.toBeUndefined();
  });

  it('shows a skew without moving what is scheduled', async () => {
    const clock = createVirtualClock();
    let ran = false;
    clock.schedule(10, () => {
      ran = true;
    });
    clock.skew(-60_000);
    expect(Number(clock.now())).toBe(defaultStart - 60_000);
    expect(clock.elapsedMs()).toBe(defaultStart);
    await clock.advance(10);
    expect(ran).toBe(true);
  });

  it('forgets everything on reset', async () => {
    const clock = createVirtualClock();
    let ran = false;
    clock.schedule(10, () => {
      ran = true;
    });
    clock.skew(5);
    clock.tick();
    await clock.advance(5);
    clock.reset();
    await clock.advance(10);
    expect(ran).toBe(false);
    expect(Number(clock.now())).toBe(defaultStart + 10);
  });
});

describe('a real clock', () => {
  it('moves by itself and runs what falls due', async () => {
    const clock = createRealClock();
    const before = Date.now();
    await clock.sleep(1);
    expect(Number(clock.now())).toBeGreaterThanOrEqual(before);
  });

  it('can be moved ahead', async () => {
    const clock = createRealClock();
    const before = Date.now();
    let ran = false;
    clock.schedule(3_600_000, () => {
      ran = true;
    });
    await clock.advance(3_600_000);
    expect(ran).toBe(true);
    expect(Number(clock.now())).toBeGreaterThanOrEqual(before + 3_600_000);
  });

  it('gives every tick a later millisecond', () => {
    const clock = createRealClock();
    const ticks = Array.from({ length: 50 }, () => Number(clock.tick()));
    expect(new Set(ticks).size).toBe(50);
    expect([...ticks].sort((a, b) => a - b)).toEqual(ticks);
  });
});

describe('a rate window', () => {
  it('opens with the first call and closes after its length', async () => {
    const clock = createVirtualClock();
    const window = createRateWindow(clock, 2, 1000);
    expect(window).toMatchObject({ limit: 2, windowMs: 1000 });
    expect([window.remaining(), window.untilReset(), window.age()]).toEqual([2, 1000, 0]);
    await clock.advance(400);
    window.count();
    await clock.advance(300);
    window.count();
    expect([window.used(), window.remaining(), window.untilReset(), window.age()]).toEqual([2, 0, 700, 300]);
    await clock.advance(700);
    expect([window.used(), window.remaining(), window.untilReset()]).toEqual([0, 2, 1000]);
  });
});
