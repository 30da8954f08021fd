using System.Globalization;
using System.Text;
using k8s.Models;
using NLua;

namespace Dynospace.Planning.Tests.Status;

/// <summary>What the health check that ships for Argo CD says of an object.</summary>
internal static class ArgoHealth
{
    private static readonly string Script = File.ReadAllText(
        RepositoryFolder.Combine("samples", "argocd", "health.lua"));

    public static string Of(long? generation, long? observedGeneration, IEnumerable<V1Condition>? conditions)
    {
        using var lua = new Lua();
        var list = string.Concat((conditions ?? []).Select(condition =>
            $"{{type = {Text(condition.Type)}, status = {Text(condition.Status)}, message = "
            + $"{Text(condition.Message)}}}, "));
        lua.DoString($"obj = {{metadata = {{generation = {Number(generation)}}}, "
            + $"status = {{observedGeneration = {Number(observedGeneration)}, conditions = {{{list}}}}}}}");
        var health = (LuaTable)lua.DoString(Script)[0];
        Assert.False(string.IsNullOrEmpty((string)health["message"]));
        return (string)health["status"];
    }

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "nil";

    /// <summary>Each byte by its number, so that no text is anything but text.</summary>
    private static string Text(string? value) =>
        $"\"{string.Concat(Encoding.UTF8.GetBytes(value ?? "").Select(each => $"\\{each:000}"))}\"";
}
