using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Requests;

/// <summary>Sends a plain request to the same place over TLS.</summary>
internal static class HttpsRedirect
{
    public static void Write(HttpContext context, RequestFacts facts)
    {
        var method = context.Request.Method;
        var response = context.Response;
        response.StatusCode = HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            ? StatusCodes.Status301MovedPermanently
            : StatusCodes.Status308PermanentRedirect;
        response.Headers.Location = $"https://{HostName.Of(facts.Host)}{facts.Path}";
        response.Headers.Via = ViaValues.Response;
        response.ContentLength = 0;
    }
}
