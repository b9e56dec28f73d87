import client from './client.cjs';

export const { Abort, BadTrigger, defineTask, defineWorker, Final, HatstandError, makeClient, Skip } = client;
