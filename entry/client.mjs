import client from './client.cjs';

export const { Abort, BadTrigger, defineWorker, Final, HatstandError, makeClient, Skip } = client;
