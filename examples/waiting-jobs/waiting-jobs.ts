// An album is published when all of its pictures are resized, and what they took up is given back whichever way that ends. `node waiting-jobs.ts` runs it.
import { defineWorker, Final, Hatstand, openMemory } from 'hatstand';

const hatstand = new Hatstand({ store: openMemory(), log: null });

const resize = defineWorker<{ picture: string }>({
  name: 'resize',
  run({ message: { picture } }) {
    if (!picture.endsWith('.jpg')) throw new Final(`${picture} is no picture`);
  },
});
const publish = defineWorker<{ album: string }>({ name: 'publish', run: ({ message: { album } }) => `${album} is published` });
const cleanUp = defineWorker<{ album: string }>({ name: 'clean-up', run: ({ message: { album } }) => `${album} is cleaned up` });
hatstand.worker(resize);
hatstand.worker(publish);
hatstand.worker(cleanUp);

/** Answers the two jobs that wait. */
async function pushAlbum(album: string, pictures: readonly string[]) {
  const jobs = await hatstand.pushMany(
    resize,
    pictures.map((picture) => ({ picture })),
  );
  const published = await hatstand.push(publish, { album }, { after: { jobs } });
  const cleaned = await hatstand.push(cleanUp, { album }, { after: { jobs: [published], onFailure: 'start' } });
  return { published, cleaned };
}

const albums = [await pushAlbum('summer', ['a.jpg', 'b.jpg']), await pushAlbum('winter', ['c.jpg', 'd.txt'])];
console.log(albums.map(({ published }) => published.reason).join(', '));

await hatstand.start();
for (const { published, cleaned } of albums) {
  const [first, last] = [await hatstand.wait(published), await hatstand.wait(cleaned)];
  console.log(first?.state, '-', last?.result);
}
await hatstand.stop();
