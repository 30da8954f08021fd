using Dynospace.Router.Errors;

namespace Dynospace.Router.Dynos;

/// <summary>No connection to the dyno came about, so nothing of a request was sent.</summary>
internal sealed class DynoConnectException(RouterError error, Exception reason) : Exception(error.Description, reason)
{
    public RouterError Error { get; } = error;
}
