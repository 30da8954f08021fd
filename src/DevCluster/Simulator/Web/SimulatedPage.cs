using System.Globalization;
using System.Text;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using Microsoft.AspNetCore.Http;

namespace DevCluster.Simulator.Web;

/// <summary>The page of a simulated web process: the pod that answers, and the request as received.</summary>
internal static class SimulatedPage
{
    /// <param name="labels">The labels of the pod to show, by the last segment of their names.</param>
    public static byte[] Render(StoredObject? pod, IReadOnlyList<string> labels, HttpRequest request)
    {
        var page = new StringBuilder();
        page.Append(
            "A simulated web process answers: on the dev cluster no image runs. "
            + "A real cluster would run this one.\n\n");
        foreach (var label in labels)
        {
            Append(page, label[(label.LastIndexOf('/') + 1)..], pod?.Content.Text("metadata", "labels", label));
        }

        Append(page, "pod", pod?.Name);
        Append(page, "address", pod?.Content.Text("status", "podIP"));
        page.Append(
            CultureInfo.InvariantCulture,
            $"\n{request.Method} {request.PathBase}{request.Path}{request.QueryString} {request.Protocol}\n");
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values)
            {
                page.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
            }
        }

        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void Append(StringBuilder page, string name, string? value)
    {
        if (value is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        }
    }
}
