using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Requests;

/// <summary>A request with the app it is for, on its way to a dyno.</summary>
internal sealed class RequestVisit
{
    public required RequestFacts Facts { get; init; }

    public required AppRoute Route { get; set; }

    public required RouterSettings Settings { get; init; }

    public required Exchange Exchange { get; init; }

    /// <summary>Of a request that goes through the forwarder; null when it goes to a dyno's connection directly.</summary>
    public DynoTransformer? Transformer { get; set; }

    /// <summary>The dyno tried last, as in the log line.</summary>
    public string? Dyno { get; set; }

    public RouterError? LastConnectError { get; set; }
}
