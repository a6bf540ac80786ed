// `import('all-suites')` is written at bundle time (esbuild.mjs): every *.test.ts of this folder.
declare module 'all-suites';
