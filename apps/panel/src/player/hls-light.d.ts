/** The build without subtitles, alternative audio and DRM has the same types, and does not bring them. */
declare module 'hls.js/light' {
  export { default } from 'hls.js';
}
