/** The one name of graphql-request that is used, so that a bundler can leave the rest out of the lazy part. */
export { GraphQLClient } from 'graphql-request';
