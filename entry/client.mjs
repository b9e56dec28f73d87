import client from './client.cjs';

export const { HatstandError, makeClient } = client;
