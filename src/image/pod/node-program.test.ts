import { expect, test } from 'vitest';
import { missingLibraries } from './node-program.ts';

test('a Node.js that is linked with the C library and the compiler’s alone can be taken elsewhere', () => {
  const official = `
	linux-vdso.so.1 (0x00007f4020ed3000)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f4020ebd000)
	libstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f4020c00000)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f402093e000)
	/lib64/ld-linux-x86-64.so.2 (0x00007f4020ed5000)`;
  expect(missingLibraries(official)).toEqual([]);
});

test('one of a distribution’s own needs what is not there', () => {
  const debian = `
	linux-vdso.so.1 (0x00007ffd)
	libnode.so.108 => /lib/x86_64-linux-gnu/libnode.so.108 (0x00007f)
	libuv.so.1 => /lib/x86_64-linux-gnu/libuv.so.1 (0x00007f)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)`;
  expect(missingLibraries(debian)).toEqual(['libnode.so.108', 'libuv.so.1']);
});
