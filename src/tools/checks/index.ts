export { checkGateway } from './gateway.ts';
export { checkOnline } from './online.ts';
