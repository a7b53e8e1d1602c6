// Calls.

import { functions, records } from './contract.js';
import { ConfluenceError, ConnectorBroke } from './errors.js';
import { during } from './imports.js';
import { StoredSettings } from './settings.js';

/** Number of instances. It is part of each module's URL, so that each instance is a new module. */
let opened = 0;

/** Functions of the interface `source`: `streams.js` makes their arguments and takes their results apart. */
const ofStreams = {
  streams: { interface: 'source', parameters: [['settings', null]] },
  step: { interface: 'source', parameters: [['request', null]] },
};

/** A placeholder that the component receives instead of the authorization. */
const standIn = () => `Bearer ${crypto.randomUUID()}`;

/** Calls functions of the connector for one site. Each takes one object with its arguments. */
export class Connector {
  #exports;
  #settings;
  #timeoutMs;
  #broken;
  #described = new Map();

  /**
   * Opens a connector with its own instance of the component.
   *
   * @param settings A connection, or your own settings.
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

  /** Describes the streams. Makes no request. */
  streams({ settings = {} } = {}) {
    const given = Object.entries(settings);
    const key = JSON.stringify(given);
    if (!this.#described.has(key)) {
      this.#described.set(key, this.call('streams', { settings: given }));
    }
    return this.#described.get(key);
  }

  /** Calls a function by name. Each function also has a method. */
  call(name, given = {}) {
    const described = functions[name] ?? ofStreams[name];
    if (!described) {
      throw new TypeError(`the component has no function \`${name}\``);
    }
    if (this.#broken) {
      throw new ConnectorBroke('the component trapped in an earlier call: open another connector', {
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
      // Errors of the component have a payload; everything else is a trap.
      if (error?.payload?.kind) {
        throw new ConfluenceError(error.payload);
      }
      if (error instanceof TypeError && !(error instanceof WebAssembly.RuntimeError)) {
        throw error;
      }
      this.#broken = error;
      throw new ConnectorBroke(`\`${name}\` trapped: ${error}`, { cause: error });
    }
  }
}

for (const name of Object.keys(functions)) {
  Connector.prototype[name] = function (given) {
    return this.call(name, given);
  };
}

/** Arguments in the order of the function's parameters. Throws for unknown names. */
function positional(name, parameters, given) {
  const known = new Map(parameters);
  for (const key of Object.keys(given)) {
    if (!known.has(key)) {
      const names = [...known.keys()].join('`, `');
      throw new TypeError(`\`${name}\` has no argument \`${key}\`; its arguments are \`${names}\``);
    }
  }
  return parameters.map(([key, record]) => {
    const value = given[key] ?? undefined;
    return record && value !== undefined ? complete(key, records[record], value) : value;
  });
}

/** A record with all its fields. Throws for unknown fields, which would be ignored otherwise. */
function complete(key, absent, value) {
  for (const field of Object.keys(value)) {
    if (!(field in absent)) {
      const names = Object.keys(absent).join('`, `');
      throw new TypeError(`\`${key}\` has no field \`${field}\`; its fields are \`${names}\``);
    }
  }
  const given = Object.entries(value).filter(([, field]) => field != null);
  return { ...absent, ...Object.fromEntries(given) };
}
