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
        ForwarderError.RequestBodyClient when Find<BadHttpRequestException>(reason) is { } bad => OfBody(bad),
        ForwarderError.RequestBodyClient when !clientLeft && !HasClientLeft(reason) => RouterErrors.BadRequest,
        ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyClient or ForwarderError.UpgradeRequestClient => RouterErrors.ClientInterrupted,

        // The forwarder cuts the client's response itself then, which looks as if the client had left.
        ForwarderError.ResponseBodyDestination => OfDyno(reason, exchange),
        _ when clientLeft => RouterErrors.ClientInterrupted,
        ForwarderError.UpgradeResponseClient => RouterErrors.PoorlyFormattedResponse,   // 101 where nobody asked for it.
        ForwarderError.RequestCreation => RouterErrors.BadRequest,
        ForwarderError.ResponseHeaders => RouterErrors.PoorlyFormattedResponse,
        _ => OfDyno(reason, exchange),
    };

    private static RouterError OfBody(BadHttpRequestException bad) => bad.StatusCode == StatusCodes.Status400BadRequest
        ? RouterErrors.BadRequest
        : RouterErrors.RequestError(bad.StatusCode);

    private static bool HasClientLeft(Exception? reason) =>
        Find<ConnectionAbortedException>(reason) is not null || Find<ConnectionResetException>(reason) is not null;

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
