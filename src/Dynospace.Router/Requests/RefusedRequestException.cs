namespace Dynospace.Router.Requests;

/// <summary>A client's request that cannot be told to a dyno.</summary>
internal sealed class RefusedRequestException() : Exception("The request has characters beyond Latin-1.");
