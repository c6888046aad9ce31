export { ready } from '../app/register.ts';
