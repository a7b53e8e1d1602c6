export { Connector } from './connector.js';
export { ConfluenceError, ConnectorBroke, MalformedBatch, SettingsProblem, StreamUnsupported } from './errors.js';
export { StoredSettings } from './settings.js';
