export { Connector } from './connector.js';
export { ConfluenceError, ConnectorBroke, SettingsProblem } from './errors.js';
export { StoredSettings } from './settings.js';
