using Dynospace.Api.Spaces;
using Dynospace.Router.Errors;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Requests;

/// <summary>Begins the client's response as the dyno's begins.</summary>
internal static class ClientResponse
{
    private const string StrictTransportSecurity = "max-age=31536000; includeSubDomains";

    public static void Begin(HttpContext context, RequestVisit visit, ResponseHead head)
    {
        if (head.Status == StatusCodes.Status101SwitchingProtocols)
        {
            throw new RefusedResponseException(RouterErrors.PoorlyFormattedResponse);   // Nobody asked for it.
        }

        var response = context.Response;
        response.StatusCode = head.Status;
        if (head.Reason is { } reason)
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        }

        head.CopyTo(response.Headers);
        AddOwn(context, visit);
        visit.Exchange.Response!.IsHeadComplete = true;
    }

    /// <summary>What the router says in any dyno's response.</summary>
    public static void AddOwn(HttpContext context, RequestVisit visit)
    {
        var headers = context.Response.Headers;
        var facts = visit.Facts;
        headers.Via = headers.Via is { Count: > 0 } via ? StringValues.Concat(via, ViaValues.Response) : ViaValues.Response;
        if (visit.Settings.Runtime == SpaceRuntime.Shield && facts.IsTls)
        {
            headers.StrictTransportSecurity = StrictTransportSecurity;
        }

        if (facts.IsDraining()
            && !HttpProtocol.IsHttp2(context.Request.Protocol) && context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            headers.Connection = "close";
        }
    }
}
