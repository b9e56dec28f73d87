import client from './client.cjs';

export const { Abort, defineWorker, Final, HatstandError, makeClient, Skip } = client;
