using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Dynospace.Router.Dynos;

/// <summary>Which of the platform's codes an exception on the way stands for.</summary>
internal static class FailureCause
{
    /// <summary>What Kestrel says when a client closes within its body; the reason behind it is not public.</summary>
    private const string EndOfContent = "Unexpected end of request content";

    public static RouterError ErrorOf(ForwarderError where, Exception? reason, Exchange exchange, bool clientLeft)
    {
        if (Find<RefusedResponseException>(reason) is { } refused)
        {
            return refused.Error;
        }

        if (Find<DynoRestrictionException>(reason) is not null)
        {
            return RouterErrors.HttpRestriction;
        }

        return ByPlace(where, reason, exchange, clientLeft);
    }

    public static T? Find<T>(Exception? exception)
        where T : Exception
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is T found)
            {
                return found;
            }

            if (e is AggregateException several)
            {
                return several.InnerExceptions.Select(Find<T>).FirstOrDefault(inner => inner is not null);
            }
        }

        return null;
    }

    private static RouterError ByPlace(ForwarderError where, Exception? reason, Exchange exchange, bool clientLeft) => where switch
    {
        ForwarderError.RequestBodyClient => OfBody(reason, clientLeft),
        ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient => RouterErrors.ClientInterrupted,

        // Whether the client is still there is no sign: the forwarder ends its connection when a response is cut.
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
            or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled => RouterErrors.ClientInterrupted,
        ForwarderError.UpgradeResponseClient => RouterErrors.PoorlyFormattedResponse,   // 101 where nobody asked for it.
        ForwarderError.RequestCreation => RouterErrors.BadRequest,
        ForwarderError.ResponseHeaders => RouterErrors.PoorlyFormattedResponse,
        _ => OfDyno(reason, exchange),
    };

    /// <summary>A body that ends too soon is bad form only of a client that is still there.</summary>
    private static RouterError OfBody(Exception? reason, bool clientLeft)
    {
        var bad = Find<BadHttpRequestException>(reason);
        if (bad is { StatusCode: not StatusCodes.Status400BadRequest })
        {
            return RouterErrors.RequestError(bad.StatusCode);
        }

        return clientLeft
            || bad?.Message.StartsWith(EndOfContent, StringComparison.Ordinal) == true
            || Find<ConnectionAbortedException>(reason) is not null
            || Find<ConnectionResetException>(reason) is not null
            ? RouterErrors.ClientInterrupted
            : RouterErrors.BadRequest;
    }

    private static RouterError OfDyno(Exception? reason, Exchange exchange)
    {
        if (Find<HttpRequestException>(reason)?.HttpRequestError is { } error and not HttpRequestError.Unknown)
        {
            return OfClient(error);
        }

        if (Find<HttpIOException>(reason) is { } io)
        {
            return OfClient(io.HttpRequestError);
        }

        return !exchange.HasFirstByte && exchange.RequestBody is not { IsComplete: false } && Find<DynoClosedException>(reason) is not null
            ? RouterErrors.ClosedWithoutResponse
            : RouterErrors.ServerInterrupted;
    }

    private static RouterError OfClient(HttpRequestError error) => error switch
    {
        HttpRequestError.InvalidResponse => RouterErrors.PoorlyFormattedResponse,
        HttpRequestError.ConfigurationLimitExceeded => RouterErrors.HttpRestriction,
        _ => RouterErrors.ServerInterrupted,
    };
}
