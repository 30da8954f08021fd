using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>Whole collections, for who reads one once and does not watch it.</summary>
public static class ApiTransportLists
{
    /// <summary>Reads a collection page by page, as far as it is enumerated. The pages come from <see cref="IApiTransport.ListAsync"/>, with its errors.</summary>
    /// <param name="transport">Whom to ask.</param>
    /// <param name="kind">Of what.</param>
    /// <param name="query">Which objects, and how many a page.</param>
    /// <param name="decode">Makes a value of an object, whose memory is gone afterwards.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<T> ListAllAsync<T>(
        this IApiTransport transport, ResourceKind kind, ListQuery query, Func<JsonElement, T> decode, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(decode);
        string? next = null;
        do
        {
            using var page = await transport.ListAsync(kind, query with { Continue = next }, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return decode(item);
            }

            next = page.Continue;
        }
        while (next is not null);
    }
}
