"""_messages"""
