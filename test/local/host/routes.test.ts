import { describe, expect, test } from 'vitest';
import { compileRoute } from '../../../local/host/http-routes.ts';

describe('route templates', () => {
  test.each([
    ['a/b', '/a/b', {}],
    ['a/b', '/A/B/', {}],
    ['a/{x}', '/a/1%2F2', { x: '1/2' }],
    ['a/{x?}', '/a', {}],
    ['a/{x=5}', '/a', { x: '5' }],
    ['{x:int}-{y:alpha}', '/12-ab', { x: '12', y: 'ab' }],
    ['a/{x:guid}', '/a/0f8fad5b-d9cb-469f-a165-70867728950e', { x: '0f8fad5b-d9cb-469f-a165-70867728950e' }],
    ['a/{x:range(1,9)}', '/a/9', { x: '9' }],
    ['a/{x:length(2)}', '/a/ab', { x: 'ab' }],
    ['a/{x:bool}', '/a/TRUE', { x: 'TRUE' }],
    ['a/{*rest}', '/a/b/c', { rest: 'b/c' }],
    ['a.b/{x}', '/a.b/c', { x: 'c' }],
  ])('%s matches %s', (template, path, params) => {
    expect(compileRoute(template).match(path)).toEqual(params);
  });

  test.each([
    ['a/b', '/a'],
    ['a/{x}', '/a'],
    ['a/{x}', '/a/b/c'],
    ['a/{x:int}', '/a/99999999999'],
    ['a/{x:range(1,9)}', '/a/10'],
    ['a/{x:alpha:minlength(3)}', '/a/ab'],
    ['a/{x:datetime}', '/a/tomorrow'],
    ['a.b', '/aXb'],
  ])('%s does not match %s', (template, path) => {
    expect(compileRoute(template).match(path)).toBeNull();
  });

  test('an unknown constraint is refused', () => {
    expect(() => compileRoute('a/{x:odd}')).toThrow("'odd'");
  });
});
