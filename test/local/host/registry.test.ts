import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../../local/host/registry.ts';

const metadata = (name: string, type = 'httpTrigger') =>
  ({
    name,
    bindings: { trigger: { type, direction: 'in' }, $return: { type: 'http', direction: 'out' } },
  }) as const;

describe('registrations', () => {
  test('the trigger is found among the bindings', () => {
    const registry = createRegistry();
    registry.addFunction(metadata('a'), () => undefined);
    expect(registry.functions.get('a')).toMatchObject({ triggerName: 'trigger', trigger: { type: 'httpTrigger' } });
    expect(() => registry.addFunction(metadata('b', 'blob'), () => undefined)).toThrow("'b' has no trigger");
  });

  test('a second function of a name, and one after the start, are refused', () => {
    const registry = createRegistry();
    const remove = registry.addFunction(metadata('a'), () => undefined);
    expect(() => registry.addFunction(metadata('a'), () => undefined)).toThrow("'a' has already been registered");
    remove();
    registry.addFunction(metadata('a'), () => undefined);
    registry.close();
    expect(() => registry.addFunction(metadata('late'), () => undefined)).toThrow('after the app had started');
  });

  test('an unknown hook is refused with the error the library relies on', () => {
    const registry = createRegistry();
    expect(() => registry.addHook('sometimes', () => undefined)).toThrow(RangeError);
    const remove = registry.addHook('appStart', () => undefined);
    expect(registry.hooks.appStart).toHaveLength(1);
    remove();
    expect(registry.hooks.appStart).toHaveLength(0);
  });
});
