using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Requests;

/// <summary>Copies a dyno's headers to the client.</summary>
internal static class ResponseHeaders
{
    public static void Copy(HttpResponseMessage source, IHeaderDictionary target)
    {
        var connection = source.Headers.NonValidated.TryGetValues("Connection", out var values) ? ToStringValues(values) : StringValues.Empty;
        Copy(source.Headers.NonValidated, target, connection);
        Copy(source.Content.Headers.NonValidated, target, connection);
    }

    private static void Copy(HttpHeadersNonValidated source, IHeaderDictionary target, StringValues connection)
    {
        var namesHeaders = HopHeaders.NamesHeaders(connection);
        foreach (var (name, values) in source)
        {
            if (!HopHeaders.OfResponse.Contains(name) && !(namesHeaders && HopHeaders.IsNamed(connection, name)))
            {
                target[name] = ToStringValues(values);
            }
        }
    }

    private static StringValues ToStringValues(HeaderStringValues values)
    {
        if (values.Count <= 1)
        {
            return values.ToString();
        }

        var all = new string[values.Count];
        var i = 0;
        foreach (var value in values)
        {
            all[i++] = value;
        }

        return all;
    }
}
