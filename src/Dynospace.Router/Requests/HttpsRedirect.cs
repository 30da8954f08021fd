using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Requests;

/// <summary>Sends a plain request to the same place over TLS.</summary>
internal static class HttpsRedirect
{
    private const int DefaultPort = 443;

    public static void Write(HttpContext context, RequestFacts facts, int port)
    {
        var method = context.Request.Method;
        var response = context.Response;
        response.StatusCode = HttpMethods.IsGet(method) || HttpMethods.IsHead(method)
            ? StatusCodes.Status301MovedPermanently
            : StatusCodes.Status308PermanentRedirect;
        var host = HostName.Of(facts.Host);
        response.Headers.Location = port == DefaultPort ? $"https://{host}{facts.Path}" : $"https://{host}:{port}{facts.Path}";
        response.Headers.Via = ViaValues.Response;
        response.ContentLength = 0;
    }
}
