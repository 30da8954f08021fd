using Dynospace.Router.Errors;

namespace Dynospace.Router.Requests;

/// <summary>A dyno's response that no client may see.</summary>
internal sealed class RefusedResponseException(RouterError error) : Exception(error.Description)
{
    public RouterError Error { get; } = error;
}
