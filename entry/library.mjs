// For `import`: an ES module is linked as a whole before any of it runs, so what an old Node lacks must not be imported here.
import library from './library.cjs';

export const {
  Abort,
  BadTrigger,
  defineTask,
  defineWorker,
  Final,
  Hatstand,
  HatstandError,
  makeContext,
  openMemory,
  openRedis,
  openSqlite,
  PushCutShort,
  runAlone,
  Skip,
} = library;
