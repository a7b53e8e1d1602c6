// Calls.

import { functions, records } from './contract.js';
import { ConfluenceError, ConnectorBroke } from './errors.js';
import { during } from './imports.js';
import { StoredSettings } from './settings.js';

/** Instances so far. Each is a module of its own, which the number in its address makes it. */
let opened = 0;

/** What the component is shown in place of an authorization, which has to look like one. */
const standIn = () => `Bearer ${crypto.randomUUID()}`;

/** A site, and the functions to ask it with, each taking one object with its arguments. */
export class Connector {
  #exports;
  #settings;
  #timeoutMs;
  #broken;

  /**
   * Opens a connector, with an instance of the component that no other one uses.
   *
   * @param settings A connection, or settings of your own.
   */
  static async open(settings, { timeoutMs = 30_000 } = {}) {
    opened += 1;
    const connector = new Connector();
    connector.#exports = await import(`./component/confluence.js?instance=${opened}`);
    connector.#settings =
      typeof settings?.connection === 'function' ? settings : new StoredSettings(settings);
    connector.#timeoutMs = timeoutMs;
    return connector;
  }

  /** Calls a function by its name. The methods of the functions' names do the same. */
  call(name, given = {}) {
    const described = functions[name];
    if (!described) {
      throw new TypeError(`the component has no function \`${name}\``);
    }
    if (this.#broken) {
      throw new ConnectorBroke('an earlier call broke this connector: open another one', {
        cause: this.#broken,
      });
    }
    const values = positional(name, described.parameters, given);
    const call = { settings: this.#settings, timeoutMs: this.#timeoutMs };
    if (name === 'setApiUrlAndAuth') {
      const [url, authorization, level] = values;
      call.offered = { url, authorization, standIn: standIn(), level };
      values[1] = call.offered.standIn;
    }
    try {
      return during(call, () => this.#exports[described.interface][name](...values));
    } catch (error) {
      if (error === call.thrown) {
        throw error;
      }
      // What the component answers is thrown with a payload; all else is a trap.
      if (error?.payload?.kind) {
        throw new ConfluenceError(error.payload);
      }
      if (error instanceof TypeError && !(error instanceof WebAssembly.RuntimeError)) {
        throw error;
      }
      this.#broken = error;
      throw new ConnectorBroke(`\`${name}\` did not end: ${error}`, { cause: error });
    }
  }
}

for (const name of Object.keys(functions)) {
  Connector.prototype[name] = function (given) {
    return this.call(name, given);
  };
}

/** Arguments in the order of the function's parameters. A name that it does not have is refused. */
function positional(name, parameters, given) {
  const known = new Map(parameters);
  for (const key of Object.keys(given)) {
    if (!known.has(key)) {
      const names = [...known.keys()].join('`, `');
      throw new TypeError(`\`${name}\` takes no \`${key}\`; it takes \`${names}\``);
    }
  }
  return parameters.map(([key, record]) => {
    const value = given[key] ?? undefined;
    return record && value !== undefined ? whole(key, records[record], value) : value;
  });
}

/** A record with all its fields. The component would never see one that it does not have. */
function whole(key, absent, value) {
  for (const field of Object.keys(value)) {
    if (!(field in absent)) {
      const names = Object.keys(absent).join('`, `');
      throw new TypeError(`\`${key}\` has no \`${field}\`; it takes \`${names}\``);
    }
  }
  const given = Object.entries(value).filter(([, field]) => field != null);
  return { ...absent, ...Object.fromEntries(given) };
}
