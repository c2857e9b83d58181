/** What the one error says of itself. */
import { describe, expect, it } from 'vitest';
import { HelpdeskError } from '../../src/core/errors.ts';

const init = {
  provider: 'plain',
  operation: 'reply',
  kind: 'unavailable',
  reason: 'no answer',
  applied: 'unknown',
} as const;

describe('an error of a stored operation', () => {
  it('gives the id under which its outcome can be asked for, also when it is logged', () => {
    const error = new HelpdeskError({ ...init, operationId: 'op-1' });
    expect(error.operationId).toBe('op-1');
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ operationId: 'op-1', applied: 'unknown' });
  });

  it('has none where nothing is stored', () => {
    expect(new HelpdeskError(init).operationId).toBeUndefined();
    expect(JSON.stringify(new HelpdeskError(init))).not.toContain('operationId');
  });
});
