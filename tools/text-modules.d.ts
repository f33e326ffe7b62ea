/** Scripts are imported as text; see tools/bundle.js and jest.config.js. */
declare module '*.sh' {
  const text: string;
  export default text;
}
