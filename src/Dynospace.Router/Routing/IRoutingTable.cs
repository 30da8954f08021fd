namespace Dynospace.Router.Routing;

/// <summary>Where the request path reads the current routes.</summary>
public interface IRoutingTable
{
    /// <summary>After <see cref="Current"/> was swapped.</summary>
    event EventHandler? Changed;

    /// <summary>The routes as they are now; a request reads it once.</summary>
    RoutingSnapshot Current { get; }
}
