/** The package's version, sent as part of the User-Agent. A test holds it equal to package.json. */
export const version = '0.4.0';
