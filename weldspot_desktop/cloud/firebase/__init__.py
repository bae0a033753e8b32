"""Firebase: sign-in, bucket and uploads. The only room that imports Google's packages."""
