import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.looseObject({
  IsEncrypted: z.literal(false).default(false),
  Values: z.record(z.string(), z.coerce.string()).default({}),
});

/** Reads the `Values` of a local.settings.json; a missing file means none. Throws when the file is encrypted. */
export function readLocalSettings(path: string): Record<string, string> {
  if (!existsSync(path)) {
    return {};
  }
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) {
    throw new Error(`${path} is wrong:\n${z.prettifyError(parsed.error)}`);
  }
  return parsed.data.Values;
}

/**
 * Replaces `%NAME%` in a binding's text by the setting of that name (Azure Functions, "Binding expressions - app
 * settings"). Throws when there is no such setting.
 */
export function resolveExpressions(text: string, settings: Readonly<Record<string, string>>): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name];
    if (value === undefined) {
      throw new Error(`The setting '${name}' used in '${text}' is missing.`);
    }
    return value;
  });
}

/** Puts settings into the environment of this process and returns a function that restores what was there. */
export function enterSettings(settings: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, settings);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  };
}
